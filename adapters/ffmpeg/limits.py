"""What audio may cost: a header is refused before anything is decoded, in words for the person who uploaded it."""

from adapters.ffmpeg.probe import Header
from ports.audio import Limits
from ports.errors import Unusable

BYTES_PER_SAMPLE = 4


def check(header: Header, limits: Limits) -> None:
    """Raise Unusable if what `header` promises is outside `limits`."""
    if not 1 <= header.channels <= limits.channels:
        raise Unusable(f"The audio has {header.channels} channels; at most {limits.channels} can be prepared.")
    if not limits.min_sample_rate <= header.sample_rate <= limits.max_sample_rate:
        least, most = limits.min_sample_rate, limits.max_sample_rate
        raise Unusable(f"The audio has {header.sample_rate} samples a second; between {least} and {most} can be prepared.")
    if header.seconds is not None:
        check_length(header.seconds, header, limits)


def check_length(seconds: float, header: Header, limits: Limits) -> None:
    """Raise Unusable if `seconds` of such audio are too long, or too large when decoded."""
    if seconds > limits.duration.total_seconds():
        raise Unusable(
            f"The audio is longer than {in_words(limits.duration.total_seconds())}, which is the most that can be prepared."
        )
    if seconds > _seconds_that_fit(header, limits):
        raise Unusable(
            f"The audio is larger than {limits.decoded_bytes / 2**30:.3g} GiB when decoded, the most that can be prepared."
        )


def longest(header: Header, limits: Limits) -> float:
    """Return the seconds of such audio that may be decoded."""
    return min(limits.duration.total_seconds(), _seconds_that_fit(header, limits))


def in_words(seconds: float) -> str:
    """Return a length as people say it: 6 hours, 90 minutes, 2 seconds."""
    for size, name in ((3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:g} seconds"


def _seconds_that_fit(header: Header, limits: Limits) -> float:
    return limits.decoded_bytes / (BYTES_PER_SAMPLE * header.channels * header.sample_rate)
