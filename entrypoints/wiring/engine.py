"""The audio engine of this machine."""

from adapters.ffmpeg.engine import FfmpegEngine
from adapters.ffmpeg.locate import locate
from entrypoints.settings import Settings
from ports.audio import AudioEngine


def audio_engine(settings: Settings) -> AudioEngine:
    """Return the audio engine of this machine. Raise EngineFailed if it has none."""
    return FfmpegEngine(locate(settings.ffmpeg_path), settings.limits)
