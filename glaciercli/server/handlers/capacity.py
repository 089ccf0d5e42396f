"""ListProvisionedCapacity, PurchaseProvisionedCapacity.

Rules: "Provisioned Capacity" in the Amazon Glacier developer guide.  Units count per region,
like everything else that an account has.
"""

from calendar import monthrange

from glaciercli.ports import WireResponse
from glaciercli.server import identifiers, times
from glaciercli.server.catalogue import capacity
from glaciercli.server.catalogue.capacity import CapacityUnit
from glaciercli.server.service import Service
from glaciercli.server.wire import Call, ErrorCode, WireError, empty_answer, json_answer

_MAX_UNITS = 2

_DECEMBER = 12


def list_provisioned_capacity(service: Service, call: Call) -> WireResponse:
    """Answer the units that have not expired, oldest first."""
    with service.catalogue.reading() as tx:
        units = capacity.active(tx, call.region, service.now_ms())
    return json_answer({"ProvisionedCapacityList": [_described(unit) for unit in units]})


def _described(unit: CapacityUnit) -> dict[str, str]:
    return {
        "CapacityId": unit.capacity_id,
        "ExpirationDate": times.api_date(unit.expires_ms),
        "StartDate": times.api_date(unit.started_ms),
    }


def purchase_provisioned_capacity(service: Service, call: Call) -> WireResponse:
    """Buy a unit for a month; answer 201 with its ID."""
    with service.catalogue.writing() as tx:
        now_ms = service.now_ms()
        if len(capacity.active(tx, call.region, now_ms)) >= _MAX_UNITS:
            raise WireError(
                ErrorCode.LIMIT_EXCEEDED,
                f"The limit of {_MAX_UNITS} provisioned capacity units is reached.",
            )
        unit = CapacityUnit(
            capacity_id=identifiers.new_capacity_id(),
            started_ms=now_ms,
            expires_ms=a_month_after(now_ms),
        )
        capacity.insert(tx, call.region, unit)
    return empty_answer(201, {"x-amz-capacity-id": unit.capacity_id})


def a_month_after(start_ms: int) -> int:
    """Return the same second of the next month, or of its last day where it is too short."""
    start = times.from_ms(start_ms).replace(microsecond=0)
    year = start.year + start.month // _DECEMBER
    month = start.month % _DECEMBER + 1
    day = min(start.day, monthrange(year, month)[1])
    return times.to_ms(start.replace(year=year, month=month, day=day))
