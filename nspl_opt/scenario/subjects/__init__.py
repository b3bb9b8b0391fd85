"""What only some scenarios have, a module per subject: each acts in its turn (``steps``)."""
