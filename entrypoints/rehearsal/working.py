"""Rows about the work itself: how a worker asks, reads, says that it is alive, sends and reports."""

from itertools import pairwise

from entrypoints.rehearsal.acting import Rehearsed
from entrypoints.rehearsal.plays import TERMINAL, Part, Scene, Seen
from entrypoints.rehearsal.verdicts import Found, broken, kept, not_seen


def claim(seen: Rehearsed) -> Found:
    """Judge how it asks for work."""
    refused = [claim for claim in seen.claims if claim.status >= 400]
    if refused:
        return broken(
            f"A claim was answered {refused[0].status}", "it is to prove itself by the secret, with the fields of the chapter"
        )
    if not any(claim.status == 200 for claim in seen.claims):
        return not_seen("No claim came")
    return kept(f"It claimed {len(seen.claims)} times")


def start(seen: Rehearsed) -> Found:
    """Judge whether a ticket that is sent twice is worked on once."""
    play = seen.plays[Scene.SLOW]
    if not play.posts:
        return not_seen("No ticket could be sent")
    if not any(post.taken for post in play.posts):
        return broken(f"The ticket was not taken: {play.posts[0].why}", "2xx is expected, or 429 or 503 where there is no room")
    refused = [post for post in play.posts if post.taken is False]
    if refused:
        return broken(f"The same ticket, sent once more: {refused[0].why}", "2xx is expected each time")
    begun = play.times_begun()
    if begun > 1:
        return broken(f"The ticket was sent twice under one Idempotency-Key, and worked on {begun} times", "once is enough")
    if not play.seen:
        return not_seen("The ticket was taken, and then nothing came")
    return kept(f"Sent {len(play.posts)} times, worked on once")


def download(seen: Rehearsed) -> Found:
    """Judge how it reads the original."""
    reads = every(seen, Part.INPUT)
    if not reads:
        return not_seen("Nothing was downloaded")
    if any(read.proof for read in reads):
        return broken("A download sent Authorization", "the link is the proof, and may lead to somebody else's server")
    refused = [read for read in reads if read.status >= 400]
    if refused:
        return broken(f"A download was answered {refused[0].status}", "the link is to be read as it is, by GET")
    return kept(f"{len(reads)} downloads, by their links alone")


def heartbeats(seen: Rehearsed) -> Found:
    """Judge whether it says in time that it is alive."""
    play = seen.plays[Scene.SLOW]
    reads, ends = play.of(Part.INPUT), play.reported(*TERMINAL)
    if not reads:
        return not_seen("Nothing was downloaded")
    end = ends[0].began if ends else max(item.began for item in play.seen)
    beats = [beat.began for beat in play.reported("processing") if beat.began < end]
    moments = [reads[0].began, *[beat for beat in beats if beat > reads[0].began], end]
    longest = max(later - before for before, later in pairwise(moments))
    wanted = f"at most {seen.pace.lease:g} s (leaseSeconds) is allowed, and a fourth of that is well"
    if not beats:
        return broken(f"No heartbeat came in {longest:.1f} s", wanted)
    if longest > seen.pace.lease:
        return broken(f"It was silent for {longest:.1f} s", wanted)
    return kept(f"{len(beats)} heartbeats, {longest:.1f} s apart at most")


def output(seen: Rehearsed) -> Found:
    """Judge how it sends what it made, and what that is."""
    writes = [*every(seen, Part.PREPARED), *every(seen, Part.PEAKS)]
    early = [end for end in seen.plays[Scene.SLOW].reported("complete") if end.status == 422]
    if any(write.proof for write in writes):
        return broken("An upload sent Authorization", "the link is the proof, and may lead to somebody else's server")
    refused = [write for write in writes if write.status >= 400 and write.status not in {412, 503}]
    if refused:
        return broken(
            f"An upload was answered {refused[0].status}: {refused[0].error}", "method, URL and headers are those of the ticket"
        )
    if early:
        return broken(f"`complete` was answered 422: {early[0].error}", "what is owed is sent first, in the promised format")
    if seen.flaw:
        return broken(f"Of the prepared audio: {seen.flaw}", "the whole of it is to be heard")
    if not every(seen, Part.PREPARED):
        return not_seen("Nothing was uploaded")
    return kept(f"{len(writes)} uploads, and the audio plays")


def reports(seen: Rehearsed) -> Found:
    """Judge how it proves and words its reports."""
    for play in seen.plays.values():
        tokens = {f"Bearer {ticket.callback.token}".lower() for ticket in play.tickets}
        for report in play.reported():
            what = f"A report (`{report.said.get('status')}`)"
            if (report.proof or "").lower() not in tokens:
                return broken(
                    f"{what} did not bring the token of its ticket", "it is proved by `callback.token`, and nothing else"
                )
            if report.status in {400, 401, 413}:
                return broken(f"{what} was answered {report.status}: {report.error}", "it is to be worded as in the chapter")
    count = sum(len(play.reported()) for play in seen.plays.values())
    return kept(f"{count} reports, each with its token") if count else not_seen("No report came")


def every(seen: Rehearsed, part: Part) -> list[Seen]:
    """Return all requests to this part, whichever job they were of."""
    return [item for play in seen.plays.values() for item in play.of(part)]
