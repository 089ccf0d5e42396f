from dataclasses import replace
from datetime import timedelta

import pytest
from mypy_boto3_glacier import GlacierClient

from tests.server.conftest import SETTINGS, Bench, OpenBench
from tests.server.payloads import VAULT, refused, upload


def test_a_second_has_so_many_requests_and_no_more(open_bench: OpenBench) -> None:
    bench = open_bench(replace(SETTINGS, request_rate=4))
    for _ in range(4):
        bench.client.list_vaults()
    with refused("ThrottlingException", 400, "Rate exceeded"):
        bench.client.list_vaults()
    bench.clock.advance(timedelta(milliseconds=249))
    with refused("ThrottlingException", 400, "Rate exceeded"):
        bench.client.create_vault(vaultName=VAULT)
    bench.clock.advance(timedelta(milliseconds=1))
    bench.client.create_vault(vaultName=VAULT)
    # However long nobody asks, no more than a second's worth gathers.
    bench.clock.advance(timedelta(hours=1))
    for _ in range(4):
        upload(bench.client, b"x")
    with refused("ThrottlingException", 400, "Rate exceeded"):
        upload(bench.client, b"x")


def test_a_rate_below_one_lets_a_request_in_now_and_then(open_bench: OpenBench) -> None:
    bench = open_bench(replace(SETTINGS, request_rate=0.1))
    bench.client.list_vaults()
    bench.clock.advance(timedelta(seconds=9, milliseconds=999))
    with refused("ThrottlingException", 400):
        bench.client.list_vaults()
    bench.clock.advance(timedelta(milliseconds=1))
    bench.client.list_vaults()


def test_strangers_do_not_use_up_the_rate(open_bench: OpenBench) -> None:
    bench = open_bench(replace(SETTINGS, request_rate=1))
    for _ in range(3):
        with refused("AccessDeniedException", 403):
            bench.client.list_vaults(accountId="123456789012")
    bench.client.list_vaults()


def test_without_a_rate_nobody_is_throttled(client: GlacierClient) -> None:
    for _ in range(50):
        client.list_vaults()


@pytest.mark.parametrize("over_http", [False, True])
def test_an_account_without_vaults_is_turned_away_once_closed(
    open_bench: OpenBench, *, over_http: bool
) -> None:
    before = open_bench()
    closed = open_bench(replace(SETTINGS, closed_to_new_customers=True), over_http=over_http).client
    no_longer = ("NoLongerSupportedException", 400)
    with refused(*no_longer):
        closed.list_vaults()
    with refused(*no_longer):
        closed.create_vault(vaultName=VAULT)
    with refused(*no_longer):
        upload(closed, b"data")
    with refused(*no_longer):
        closed.purchase_provisioned_capacity()
    # One vault in any region makes it an old customer.
    before.connect("eu-west-1").create_vault(vaultName="old")
    closed.create_vault(vaultName=VAULT)
    upload(closed, b"data")
    before.connect("eu-west-1").delete_vault(vaultName="old")
    closed.list_vaults()


def test_a_stranger_learns_nothing_about_the_account(open_bench: OpenBench) -> None:
    bench: Bench = open_bench(replace(SETTINGS, closed_to_new_customers=True))
    with refused("AccessDeniedException", 403):
        bench.client.list_vaults(accountId="123456789012")
