"""What the service remembers: scenarios, runs, plans, lines of help, answers, keys, and an audit chain over it all.

One road in (``Store.write``): the change and its row of the audit stand in the same transaction or not at all.
Nothing is overwritten; what changes is appended. Knows nothing of HTTP.
"""
