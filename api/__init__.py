"""The small API: a thin FastAPI application over ``nspl_opt``, started by ``nspl-opt serve``.

``create_app`` is in ``app``; what each role may do is data in ``permissions.toml``. Importing has no side effect.
"""
