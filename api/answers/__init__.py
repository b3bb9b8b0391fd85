"""Response models, one module per noun and one model per audience: what a role may not see is not a field."""
