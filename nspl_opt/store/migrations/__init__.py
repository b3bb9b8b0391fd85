"""Alembic's versions of the schema, run from the program: there is no env.py and no ini file.

All steps of one run stand in one transaction, on both databases: the old schema or the new, never between.
"""
