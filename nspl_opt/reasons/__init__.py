"""Why a plan is as it is: what else could be done and what it would cost, what binds, what a refusal would mean."""
