"""Goals of the families that came later, a module per subject, each with its ``GOALS_HERE``."""
