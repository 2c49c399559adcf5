"""Whether an upload is let in, by its first bytes."""

from domain.errors import NotAudio, OutsideLimits
from domain.sniffing import Sniffed, sniff
from ports.audio import Limits


def judged(head: bytes, limits: Limits) -> Sniffed:
    """Return what audio begins with `head`. Raise NotAudio if it is none, OutsideLimits if its header says it is too much."""
    if not head:
        raise NotAudio("The upload is empty")
    sniffed = sniff(head)
    if sniffed is None:
        raise NotAudio("This is not an audio file of a kind that can be prepared")
    _refuse_outside(sniffed, limits)
    return sniffed


def _refuse_outside(sniffed: Sniffed, limits: Limits) -> None:
    rate, channels, duration = sniffed.sample_rate, sniffed.channels, sniffed.duration
    longest = limits.duration.total_seconds()
    if rate is not None and not limits.min_sample_rate <= rate <= limits.max_sample_rate:
        allowed = f"{limits.min_sample_rate} to {limits.max_sample_rate} Hz"
        raise OutsideLimits(f"The audio has a sample rate of {rate} Hz; {allowed} can be prepared")
    if channels is not None and not 1 <= channels <= limits.channels:
        raise OutsideLimits(f"The audio has {channels} channels; 1 to {limits.channels} can be prepared")
    if duration is not None and duration > longest:
        raise OutsideLimits(f"The audio is {duration / 3600:.1f} hours long; at most {longest / 3600:g} can be prepared")
    if rate and channels and duration and rate * channels * duration * 4 > limits.decoded_bytes:
        raise OutsideLimits("The audio is too large once it is decoded")
