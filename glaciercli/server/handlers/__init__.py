"""The operations of the service: each takes the state and a call, and returns an answer."""
