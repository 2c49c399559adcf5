"""Rows about trouble: what a worker does where it is answered otherwise than it would like."""

from entrypoints.rehearsal.acting import Rehearsed
from entrypoints.rehearsal.plays import TERMINAL, Part, Play, Scene, Seen
from entrypoints.rehearsal.verdicts import Found, broken, kept, not_seen

IN_FLIGHT = 0.5
"""Seconds after the end of an attempt in which a heartbeat may still have been on its way."""


def again(seen: Rehearsed) -> Found:
    """Judge what it does where `complete` is answered 503."""
    play = seen.plays[Scene.SLOW]
    ends = play.reported(*TERMINAL)
    put_off = next((end for end in ends if end.status == 503), None)
    if put_off is None or put_off.answered is None:
        return not_seen("No `complete` came that could be answered 503")
    later = [end for end in ends if end.began > put_off.began]
    wanted = "the same report is to come again"
    if not later:
        return broken("`complete` was answered 503, and did not come again", wanted)
    if later[0].said != put_off.said:
        return broken(f"`complete` was answered 503, and then another report came (`{later[0].said.get('status')}`)", wanted)
    pause = later[0].began - put_off.answered
    if pause < 0.9 * seen.pace.retry_after and play.times_begun() == 1:
        return broken(f"It came again after {pause:.1f} s", f"Retry-After said {seen.pace.retry_after} s")
    return kept(f"It came again after {pause:.1f} s")


def lost(seen: Rehearsed) -> Found:
    """Judge what it does where an upload is answered 503, and then 412."""
    play = seen.plays.get(Scene.LOST)
    writes = play.of(Part.PREPARED) if play else []
    if play is None or not writes or writes[0].status != 503:
        return not_seen("No upload came whose answer could be lost")
    ends = play.reported(*TERMINAL)
    repeated = [write for write in writes[1:] if not ends or write.began < ends[0].began]
    if not repeated:
        return broken("An upload was answered 503, and did not come again", "it is to be sent again")
    if not ends or ends[0].said.get("status") != "complete":
        said = f"`{ends[0].said.get('status')}` was reported" if ends else "nothing was reported"
        return broken(
            f"An upload was answered {repeated[-1].status}, and {said}", "412 says that it is there: `complete` is to follow"
        )
    return kept("It was sent again, and 412 was taken for what it is")


def refused(seen: Rehearsed) -> Found:
    """Judge what it does where `complete` is answered 422."""
    play = seen.plays.get(Scene.LOST)
    ends = play.reported(*TERMINAL) if play else []
    refused = next((end for end in ends if end.status == 422), None)
    if play is None or refused is None:
        return not_seen("No `complete` came that could be answered 422")
    wanted = "the output is to be sent once more, and `complete` reported once more"
    later = [end for end in ends if end.began > refused.began]
    sent = [
        write for write in play.of(Part.PREPARED) if write.began > refused.began and (not later or write.began < later[0].began)
    ]
    if later and later[0].said.get("status") != "complete":
        return broken(f"`complete` was answered 422, and `{later[0].said.get('status')}` was reported", wanted)
    if not sent or not later:
        return broken(f"`complete` was answered 422, and {'nothing was reported' if sent else 'nothing was sent again'}", wanted)
    return kept("The output was sent once more")


def cancelled(seen: Rehearsed) -> Found:
    """Judge what it does where a heartbeat is answered 409."""
    play = seen.plays.get(Scene.CANCELLED)
    told = next((beat for beat in play.reported("processing") if beat.status == 409), None) if play else None
    if play is None or told is None:
        return not_seen("No heartbeat came that could be answered 409")
    return _silent_after(told, play, "The job was cancelled (409 to a heartbeat)")


def over(seen: Rehearsed) -> Found:
    """Judge what it does where `complete` is answered 409."""
    play = seen.plays.get(Scene.OVER)
    told = next((end for end in play.reported("complete") if end.status == 409), None) if play else None
    if play is None or told is None:
        return not_seen("No `complete` came that could be answered 409")
    return _silent_after(told, play, "`complete` was answered 409")


def _silent_after(told: Seen, play: Play, what: str) -> Found:
    """Judge what came after a 409: nothing may, but a heartbeat that was on its way."""
    end = told.answered or told.began
    reports = [
        f"`{item.said.get('status')}`" for item in play.reported(*TERMINAL) if item.began > told.began and item is not told
    ]
    beats = ["`processing`" for item in play.reported("processing") if item.began > end + IN_FLIGHT]
    writes = ["an output" for item in (*play.of(Part.PREPARED), *play.of(Part.PEAKS)) if item.began > end]
    came = [*writes, *reports, *beats]
    if came:
        return broken(f"{what}, and then came {', '.join(dict.fromkeys(came))}", "it is to stop at once and report no more")
    return kept(f"{what}, and nothing more came")


def redirect(seen: Rehearsed) -> Found:
    """Judge what it does where a heartbeat is redirected."""
    play = seen.plays.get(Scene.REDIRECTED)
    if play is None or not any(beat.status == 307 for beat in play.reported("processing")):
        return not_seen("No heartbeat came that could be redirected")
    if play.of(Part.ELSEWHERE):
        return broken("A heartbeat was redirected, and the worker followed", "that would take its token elsewhere")
    return kept("A heartbeat was redirected, and the worker did not follow")
