"""One function per operation of ``permissions.toml``, by its name; one module per noun."""
