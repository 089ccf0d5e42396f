"""Runs that are killed while the service carries out a request of theirs."""

from tests.cli.conftest import Server, Spawn
from tests.cli.wire import Gate


def kill_at(
    operation: str, server: Server, spawn: Spawn, *line: object, stdin: bytes | None = None
) -> None:
    """Kill a line that waits for an answer; the service has done what it was asked for."""
    gate = Gate(server.service)
    server.service.breaks(operation, gate)
    process = spawn(*line)
    if stdin is not None:
        assert process.stdin
        process.stdin.write(stdin)
        process.stdin.close()
        process.stdin = None
    gate.wait_until_asked()
    process.kill()
    process.wait()
    gate.let_go()
