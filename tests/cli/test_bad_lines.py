"""Up and back over a line that goes wrong on the way: nothing is stored or asked for twice."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.cli.conftest import Run, Server
from tests.proxy import Fate, Proxy, Trouble, proxied

CONTENT = Random(8).randbytes(1_200_000)  # noqa: S311 - no secret

#: Behind so many bytes a line is in the midst of a content; and in the midst of what is said about
#: one: in the answer to a part, or in the head of a request.
IN_THE_CONTENT = 600_000
IN_AN_ANSWER = 1_100
IN_A_HEAD = 1_000


@pytest.fixture
def line(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The line to a service with a vault, which the environment leads to."""
    server.client.create_vault(vaultName="photos")
    with proxied(server.url) as between:
        for name, value in {**server.env, "AWS_ENDPOINT_URL_GLACIER": between.url}.items():
            monkeypatch.setenv(name, value)
        yield between


@pytest.mark.covers("N4", "N5", "N9")
@pytest.mark.parametrize("upstream", [True, False], ids=["upstream", "downstream"])
@pytest.mark.parametrize("trouble", [Trouble.RESET, Trouble.CUT, Trouble.SLOW, Trouble.FLIP])
def test_a_line_that_goes_wrong_costs_patience_only(
    server: Server, line: Proxy, run: Run, work: Path, trouble: Trouble, *, upstream: bool
) -> None:
    def fate(after_bytes: int) -> Fate:
        return Fate(
            trouble=trouble, after_bytes=after_bytes, upstream=upstream, bytes_per_s=4_000_000
        )

    (work / "film").write_bytes(CONTENT)
    line.fates.append(fate(IN_THE_CONTENT if upstream else IN_AN_ANSWER))
    run("upload", "film", "photos", "--part-size", "1MiB", "--jobs", "1").ok()
    # A head in which one bit is another one is refused as any wrong request is.
    in_a_head = upstream and trouble is not Trouble.FLIP
    line.fates.append(fate(IN_A_HEAD if in_a_head else IN_THE_CONTENT))
    run("retrieve", "photos/film", "--to", "back", "--jobs", "1").ok()
    assert line.fates == []
    assert (work / "back").read_bytes() == CONTENT
    service = server.service
    assert service.count("CompleteMultipartUpload") == 1
    assert service.count("InitiateJob") == 1
    breaks = trouble in {Trouble.RESET, Trouble.CUT}
    assert line.connections == 2 + 2 * breaks
    parts, outputs = service.count("UploadMultipartPart"), service.count("GetJobOutput")
    lost = not upstream and trouble is not Trouble.SLOW
    # What arrived well is not sent again, and what did not come well is asked for again.
    assert parts == 2 + (lost and breaks)
    assert outputs == 1 + lost
