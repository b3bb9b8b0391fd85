"""From a plan to the vehicle runs of its first hours: who drives what, when, with whom on board."""
