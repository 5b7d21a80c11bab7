"""The rules about requests: one of them has one effect and one answer."""

from functools import partial

from customer_groups.reservations.consuming import consume
from customer_groups.reservations.errors import (
    InsufficientStockError,
    RequestReusedError,
    Shortage,
)
from customer_groups.reservations.model import GroupReservation
from customer_groups.reservations.repository import ReservationWork
from customer_groups.reservations.reserving import release, reserve
from customer_groups.testing.contracts.expectations import expect, expect_error
from customer_groups.testing.contracts.values import EVENING, MORNING, NOON, A, B
from customer_groups.testing.reservations.base import ReservationRepositoryRules
from customer_groups.testing.reservations.expectations import expect_refused, stored
from customer_groups.testing.reservations.story import ON_HAND, STORY, tell
from customer_groups.testing.reservations.values import BOTH, MEMBER, Options, X, Y, kinds

__all__ = ["RequestRules"]


class RequestRules(ReservationRepositoryRules):
    """Who is not sure whether a request has arrived sends it again."""

    def test_a_request_that_is_repeated_at_once_has_one_effect(self) -> None:
        """Rule: the same request in the same transaction changes nothing more.

        Usual cause: `begin` does not see what this transaction has written, or `finish` keeps
        the answer until the commit.

        Fix: insert the request at once; where that fails, return its answer.
        """
        with self._work(ON_HAND) as work:
            for name, step in STORY.items():
                answer, before = step(work, NOON), stored(work)
                expect(f"the answer of {name!r}, repeated", step(work, EVENING), answer)
                expect(f"what is stored after {name!r}, repeated", stored(work), before)

    def test_a_request_that_is_repeated_later_has_one_effect(self) -> None:
        """Rule: the same request in a later transaction changes nothing more.

        Usual cause: answers are kept in the repository, or are cut off, or numbers in them
        become floats.

        Fix: store the text of the answer as it is, in the transaction of the request.
        """
        with self._store(ON_HAND) as store:
            for name, step in STORY.items():
                answer, before = store.run(partial(step, at=NOON)), store.run(stored)
                again = store.run(partial(step, at=EVENING))
                expect(f"the answer of {name!r}, repeated later", again, answer)
                expect(f"what is stored after {name!r}, repeated", store.run(stored), before)

    def test_the_first_answer_is_kept(self) -> None:
        """Rule: whatever has happened since, a request is answered as it was the first time.

        Usual cause: the answer is made anew, of what is stored now.

        Fix: return the text that `finish` was given.
        """
        with self._work(ON_HAND) as work:
            first = {name: step(work, NOON) for name, step in STORY.items()}
            before = stored(work)
            for name, step in STORY.items():
                expect(f"the answer of {name!r}, in the end", step(work, EVENING), first[name])
            expect("what is stored after all of them", stored(work), before)

    def test_an_id_asks_for_one_thing(self) -> None:
        """Rule: the id of an earlier request with anything else in it is refused.

        Usual cause: the fingerprint is not stored, or compared only in part.

        Fix: store all 64 characters of it, and compare them where the id exists.
        """
        with self._work(ON_HAND) as work:
            tell(work)
            for name in STORY:
                again = partial(reserve, work, A, X, 1, request_id=name)
                expect_refused(f"another request {name!r}", work, again, RequestReusedError(name))

    def test_every_part_of_a_request_counts(self) -> None:
        """Rule: a request that differs in any part is another one; time and actor do not count.

        Usual cause: only the id is compared, or a part of the fingerprint.

        Fix: compare the fingerprint that `begin` is given, and nothing else.
        """
        asked: Options = {"valid_from": MORNING, "valid_to": EVENING, "priority": 5}
        others: tuple[Options, ...] = (
            *({"valid_from": NOON}, {"valid_to": None}, {"priority": 6}),
            {"holds_before_start": False},
        )
        with self._work({X: 9, Y: 9}) as work:
            ask = partial(reserve, work, request_id="r")
            made = ask(A, X, 2, **asked, at=NOON, by="anna")
            expect("the answer to another user", ask(A, X, 2, **asked, at=EVENING, by="x"), made)
            for other in others:
                again = partial(ask, A, X, 2, **{**asked, **other}, at=NOON)
                expect_refused(f"another {other}", work, again, RequestReusedError("r"))
            for group, stock, quantity in ((B, X, 2), (A, Y, 2), (A, X, 3)):
                again = partial(ask, group, stock, quantity, **asked, at=NOON)
                expect_refused("another subject", work, again, RequestReusedError("r"))

    def test_the_order_of_lines_does_not_count(self) -> None:
        """Rule: who asks for the same quantities in another order asks for the same.

        Usual cause: the adapter makes its own fingerprint.

        Fix: use the one that `begin` is given.
        """
        with self._work({X: 9, Y: 9}) as work:
            ask = partial(consume, work, MEMBER, request_id="c")
            answer = ask([(X, 3), (Y, 1)])
            expect("the answer", ask([(Y, 1), (X, 1), (X, 2)]), answer)
            for other in ([(X, 3)], [(X, 3), (Y, 2)]):
                again = partial(ask, other)
                expect_refused(f"other lines, {other}", work, again, RequestReusedError("c"))
            expect_refused(
                "the same lines for another customer",
                work,
                lambda: consume(work, BOTH, [(X, 3), (Y, 1)], request_id="c"),
                RequestReusedError("c"),
            )

    def test_a_refused_request_leaves_no_trace(self) -> None:
        """Rule: what was refused can be asked for again with the same id, or something else.

        Usual cause: the request is noted past the savepoint, or in a transaction of its own.

        Fix: let `atomic` undo the note of the request as all else.
        """
        with self._store({X: 10}) as store:
            too_much = InsufficientStockError((Shortage(X, 11, 10),))
            with store.transaction() as work:
                expect_refused("too much", work, partial(_reserve, work, 11), too_much)
            with store.transaction() as work:
                expect_refused("too much again", work, partial(_reserve, work, 11), too_much)
                _reserve(work, 3)
            with store.transaction() as work:
                expect("what happened", kinds(work), ["reserve"])
                expect_error("another", partial(_reserve, work, 4), RequestReusedError("r"))

    def test_a_request_that_is_rolled_back_is_new(self) -> None:
        """Rule: a request whose transaction was rolled back has never been.

        Usual cause: requests are noted on another connection.

        Fix: note them in the transaction of the unit of work.
        """
        with self._store({X: 10}) as store:
            expect_error("the transaction", lambda: store.run(_reserve_and_fail), KeyError())
            made = store.run(partial(_reserve, quantity=10))
            expect("how much another request holds with its id", made.quantity, 10)

    def test_requests_are_told_apart_whatever_they_do(self) -> None:
        """Rule: `release` with the id of a reservation is another request than the one it made.

        Usual cause: each kind of request has ids of its own.

        Fix: keep one table of requests.
        """
        with self._work({X: 10}) as work:
            _reserve(work, 3)
            again = partial(release, work, "r", request_id="r")
            expect_refused("release with that id", work, again, RequestReusedError("r"))


def _reserve(work: ReservationWork, quantity: int) -> GroupReservation:
    return reserve(work, A, X, quantity, request_id="r", at=NOON)


def _reserve_and_fail(work: ReservationWork) -> None:
    _reserve(work, 3)
    raise KeyError
