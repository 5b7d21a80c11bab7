"""Requests that have several effects, or an answer that is not theirs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from customer_groups.reservations.converters import make_converter
from customer_groups.reservations.errors import RequestReusedError
from customer_groups.reservations.memory.contents import NotedRequest
from gallery.reservations.adapter import Reservations
from gallery.reservations.cases import cases

__all__ = ["CASES"]

LONGEST_ANSWER = 255


class RequestIdIgnored(Reservations):
    """The id of a request is stored, and nobody looks whether it is there."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Note a request as a new one."""
        self.keep(requests={**self.contents.requests, request_id: NotedRequest(fingerprint)})
        return None


class AnswerNotStored(Reservations):
    """A request is noted without its answer; who repeats it does it again."""

    def finish(self, request_id: str, answer: str) -> None:
        """Forget the answer."""


class LongAnswerNotStored(Reservations):
    """Answers that are too long for their column are left out."""

    def finish(self, request_id: str, answer: str) -> None:
        """Store an answer that fits."""
        if len(answer) <= LONGEST_ANSWER:
            super().finish(request_id, answer)


class AnswersInTheProcess(Reservations):
    """Requests are remembered by the object that works on the transaction."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Return the answer if this object has given it."""
        own = vars(self).setdefault("own", set())
        if request_id in own:
            return super().begin(request_id, fingerprint)
        own.add(request_id)
        self.keep(requests={**self.contents.requests, request_id: NotedRequest(fingerprint)})
        return None


class AnswerMadeAnew(Reservations):
    """Who repeats a reservation is told how it is now, not what was answered."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Return the answer, made of what is stored now."""
        answer = super().begin(request_id, fingerprint)
        made = self.contents.reservations.get(request_id)
        if answer is None or made is None or json.loads(answer).get("id") != request_id:
            return answer
        return json.dumps(make_converter().unstructure(made))


class FingerprintIgnored(Reservations):
    """Whoever uses an id again gets its answer, whatever is asked for."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Return what is stored under the id."""
        noted = self.contents.requests.get(request_id)
        return super().begin(request_id, fingerprint if noted is None else noted.fingerprint)


class FingerprintWithTime(Reservations):
    """A request that comes again later counts as another one: the ledger's time is compared."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Refuse an id that made an entry already."""
        if any(entry.request_id == request_id for entry in self.contents.ledger):
            raise RequestReusedError(request_id)
        return super().begin(request_id, fingerprint)


class RequestOutlivesRefusal(Reservations):
    """The note of a request stays when the request is refused."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Return a context that undoes all but the requests."""
        noted = self.contents.requests
        try:
            with super().atomic():
                try:
                    yield
                finally:
                    noted = self.contents.requests
        except BaseException:
            self.keep(requests=noted)
            raise


class RequestOutlivesRollback(Reservations):
    """Requests are noted on a connection of their own, and stay when the transaction does not."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Note a request beside the transaction, too."""
        self.keep(requests={**self.contents.requests, **self.beside})
        return super().begin(request_id, fingerprint)

    def finish(self, request_id: str, answer: str) -> None:
        """Store the answer beside the transaction, too."""
        super().finish(request_id, answer)
        self.beside[request_id] = self.contents.requests[request_id]


class RequestsOfAll(Reservations):
    """Tenants share the ids of their requests."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Return the answer that any tenant got."""
        shared = {id_: each for other in self.of_others for id_, each in other.requests.items()}
        self.keep(requests={**shared, **self.contents.requests})
        return super().begin(request_id, fingerprint)


class RequestIdsLookAlike(Reservations):
    """Ids of requests are compared without regard to case."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Return the answer of an id that looks alike."""
        alike = {id_.casefold(): each for id_, each in self.contents.requests.items()}
        found = alike.get(request_id.casefold())
        if found is not None:
            self.keep(requests={**self.contents.requests, request_id: found})
        return super().begin(request_id, fingerprint)


class RequestIdsInAscii(Reservations):
    """Other characters than those of ASCII are stored as question marks."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Note what is left of an id."""
        return super().begin(_in_ascii(request_id), fingerprint)

    def finish(self, request_id: str, answer: str) -> None:
        """Store the answer under what is left of an id."""
        super().finish(_in_ascii(request_id), answer)


def _in_ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode("ascii")


class RequestIdsCut(Reservations):
    """Only the first 64 characters of an id count."""

    def begin(self, request_id: str, fingerprint: str) -> str | None:
        """Note the beginning of an id."""
        return super().begin(request_id[:64], fingerprint)

    def finish(self, request_id: str, answer: str) -> None:
        """Store the answer under the beginning of an id."""
        super().finish(request_id[:64], answer)


CASES = cases(
    RequestIdIgnored,
    AnswerNotStored,
    LongAnswerNotStored,
    AnswersInTheProcess,
    AnswerMadeAnew,
    FingerprintIgnored,
    FingerprintWithTime,
    RequestOutlivesRefusal,
    RequestOutlivesRollback,
    RequestsOfAll,
    RequestIdsLookAlike,
    RequestIdsInAscii,
    RequestIdsCut,
)
