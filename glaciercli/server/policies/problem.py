"""The one way in which a policy document fails."""


class PolicyProblem(ValueError):
    """A policy document that is malformed, or uses what this service cannot enforce."""
