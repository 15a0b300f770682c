"""The table, and receipts in every order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.messages import (
    HANDED_OVER,
    OPEN,
    PROVIDER_STATUSES,
    TRANSITIONS,
    DeliveryState,
    MessageReason,
    MessageState,
    can_become,
    ledger,
)

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
ALLOWED = {
    "planned": "claimed suppressed expired sent delivered failed",
    "claimed": "planned sent delivered failed suppressed expired",
    "sent": "delivered failed",
    "delivered": "",
    "failed": "delivered",
    "suppressed": "planned sent delivered failed",
    "expired": "sent delivered failed",
}


def line(state: MessageState = MessageState.CLAIMED, **changes: object) -> DeliveryState:
    facts = {"id": 1, "state": state, "attempts": 1, "expires_at": NOW, "not_before_at": NOW, "claimed_by": "w1"}
    return DeliveryState(**{**facts, **changes})  # type: ignore[arg-type]


def hear(before: DeliveryState, status: str, error_code: str | None = None) -> DeliveryState:
    return ledger.on_provider_status(
        before, provider="twilio", provider_id="SM1", status=status, error_code=error_code,
        reason=MessageReason.UNREACHABLE, now=LATER,
    )  # fmt: skip


@pytest.mark.parametrize(("before", "after"), list(product(MessageState, MessageState)))
def test_every_pair_of_states_is_decided(before: MessageState, after: MessageState) -> None:
    assert can_become(before, after) is (str(after) in ALLOWED[before].split())


def test_the_table_names_every_state_and_nothing_leaves_delivered() -> None:
    assert set(TRANSITIONS) == set(MessageState)
    assert not TRANSITIONS[MessageState.DELIVERED]
    assert set(OPEN) | set(HANDED_OVER) <= set(MessageState)


def test_ranks_are_distinct() -> None:
    ranks = [standing.rank for standing in PROVIDER_STATUSES.values()]
    assert len(ranks) == len(set(ranks))


@given(st.lists(st.sampled_from(sorted(PROVIDER_STATUSES)), min_size=1, max_size=5))
def test_receipts_end_in_the_same_state_in_any_order_and_however_often(statuses: list[str]) -> None:
    highest = max(statuses, key=lambda status: PROVIDER_STATUSES[status].rank)
    for order in permutations(statuses):
        end = line()
        for status in (*order, order[0]):
            end = hear(end, status)
        assert (end.state, end.provider_status) == (PROVIDER_STATUSES[highest].state, highest)


@pytest.mark.parametrize(
    "state", [MessageState.PLANNED, MessageState.CLAIMED, MessageState.SUPPRESSED, MessageState.EXPIRED]
)
def test_a_receipt_proves_that_the_text_went_whatever_was_believed(state: MessageState) -> None:
    assert hear(line(state), "queued").state is MessageState.SENT


def test_a_word_that_nobody_knows_still_proves_it() -> None:
    assert hear(line(), "teleported").state is MessageState.SENT


def test_an_undelivered_text_keeps_its_code_until_it_turns_out_delivered() -> None:
    failed = hear(line(), "undelivered", "30003")
    assert (failed.state, failed.reason, failed.error_code) == (MessageState.FAILED, "unreachable", "30003")
    assert hear(failed, "delivered").reason is None


def test_the_first_provider_id_and_time_stay() -> None:
    first = hear(line(), "queued")
    second = ledger.on_provider_status(
        first,
        provider="twilio",
        provider_id="SM2",
        status="sent",
        error_code=None,
        reason=None,
        now=LATER + timedelta(hours=1),
    )
    assert (second.provider_id, second.sent_at) == ("SM1", LATER)


def test_a_claim_is_held_by_one_worker_and_one_attempt() -> None:
    assert line().held_by("w1", 1)
    assert not line().held_by("w2", 1)
    assert not line().held_by("w1", 2)
    assert not line(MessageState.PLANNED).held_by("w1", 1)


def test_later_puts_the_text_back_in_the_queue_with_a_wait() -> None:
    again = ledger.on_retryable(
        line(), reason=MessageReason.PROVIDER_BUSY, error_code="20429", wait=timedelta(seconds=30), now=NOW
    )
    assert (again.state, again.not_before_at) == (MessageState.PLANNED, NOW + timedelta(seconds=30))


def test_unknown_keeps_the_claim_at_least_as_long_as_the_lease() -> None:
    held = line(lease_until=NOW + timedelta(seconds=30))
    kept = ledger.on_unknown(held, error_code="no-answer", wait=timedelta(seconds=5), now=NOW)
    assert (kept.state, kept.lease_until) == (MessageState.CLAIMED, NOW + timedelta(seconds=30))
