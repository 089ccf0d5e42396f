from typing import Any

import pytest
from mypy_boto3_glacier import GlacierClient

from glaciercli.server.catalogue import notifications, vaults
from glaciercli.server.catalogue.database import Database
from glaciercli.server.catalogue.notifications import NotificationRecord
from tests.server.conftest import Bench, OpenBench
from tests.server.payloads import VAULT, refused

TOPIC = "arn:aws:sns:us-east-1:000000000000:done"
ARCHIVE, INVENTORY = "ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"
NONE = (
    "No notification configuration is set for vault:"
    f" arn:aws:glacier:us-east-1:000000000000:vaults/{VAULT}"
)


@pytest.fixture
def vault(open_bench: OpenBench) -> GlacierClient:
    client = open_bench().client
    client.create_vault(vaultName=VAULT)
    return client


def configure(client: GlacierClient, **wanted: Any) -> None:
    configured: Any = wanted
    client.set_vault_notifications(vaultName=VAULT, vaultNotificationConfig=configured)


def configured(client: GlacierClient) -> Any:
    return client.get_vault_notifications(vaultName=VAULT)["vaultNotificationConfig"]


def test_a_configuration_is_set_replaced_and_deleted(bench: Bench) -> None:
    client = bench.client
    client.create_vault(vaultName=VAULT)
    configure(client, SNSTopic=TOPIC, Events=[INVENTORY, ARCHIVE])
    assert configured(client) == {"SNSTopic": TOPIC, "Events": [INVENTORY, ARCHIVE]}
    configure(client, SNSTopic=TOPIC + "2", Events=[ARCHIVE])
    assert configured(client) == {"SNSTopic": TOPIC + "2", "Events": [ARCHIVE]}
    client.delete_vault_notifications(vaultName=VAULT)
    client.delete_vault_notifications(vaultName=VAULT)
    with refused("ResourceNotFoundException", 404, NONE):
        configured(client)


def test_whoever_delivers_finds_the_configuration(open_bench: OpenBench) -> None:
    bench = open_bench()
    bench.client.create_vault(vaultName=VAULT)
    configure(bench.client, SNSTopic=TOPIC, Events=[ARCHIVE, INVENTORY])
    catalogue = Database.open(bench.data_dir / "catalogue.sqlite3")
    with catalogue.reading() as tx:
        vault = vaults.find(tx, "us-east-1", VAULT)
        assert vault
        found = notifications.find(tx, vault.row)
    catalogue.close()
    assert found == NotificationRecord(topic=TOPIC, events=(ARCHIVE, INVENTORY))


def test_a_new_vault_of_the_same_name_has_no_configuration(vault: GlacierClient) -> None:
    configure(vault, SNSTopic=TOPIC, Events=[ARCHIVE])
    vault.delete_vault(vaultName=VAULT)
    vault.create_vault(vaultName=VAULT)
    with refused("ResourceNotFoundException", 404, NONE):
        configured(vault)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({}, "MissingParameterValueException"),
        ({"SNSTopic": TOPIC}, "MissingParameterValueException"),
        ({"SNSTopic": "", "Events": [ARCHIVE]}, "MissingParameterValueException"),
        ({"Events": [ARCHIVE]}, "MissingParameterValueException"),
        ({"SNSTopic": TOPIC, "Events": []}, "InvalidParameterValueException"),
        ({"SNSTopic": TOPIC, "Events": [ARCHIVE, "Other"]}, "InvalidParameterValueException"),
        ({"SNSTopic": TOPIC, "Events": [ARCHIVE.lower()]}, "InvalidParameterValueException"),
        ({"SNSTopic": "done", "Events": [ARCHIVE]}, "InvalidParameterValueException"),
        ({"SNSTopic": TOPIC + ":x", "Events": [ARCHIVE]}, "InvalidParameterValueException"),
        (
            {"SNSTopic": TOPIC.replace("sns", "sqs"), "Events": [ARCHIVE]},
            "InvalidParameterValueException",
        ),
    ],
)
def test_a_wrong_configuration_is_refused(
    vault: GlacierClient, wanted: dict[str, Any], code: str
) -> None:
    with refused(code, 400):
        configure(vault, **wanted)
    with refused("ResourceNotFoundException", 404, NONE):
        configured(vault)


def test_an_event_named_twice_counts_once(vault: GlacierClient) -> None:
    configure(vault, SNSTopic=TOPIC, Events=[ARCHIVE, INVENTORY, ARCHIVE])
    assert configured(vault)["Events"] == [ARCHIVE, INVENTORY]


def test_a_vault_that_is_not_there_is_not_configured(vault: GlacierClient) -> None:
    wanted: Any = {"SNSTopic": TOPIC, "Events": [ARCHIVE]}
    with refused("ResourceNotFoundException", 404):
        vault.get_vault_notifications(vaultName="nothing")
    with refused("ResourceNotFoundException", 404):
        vault.delete_vault_notifications(vaultName="nothing")
    with refused("ResourceNotFoundException", 404):
        vault.set_vault_notifications(vaultName="nothing", vaultNotificationConfig=wanted)
