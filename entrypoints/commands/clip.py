"""A clip that needs preparing, made on the spot: too quiet, with silence at both ends and the dynamics of speech."""

import math
import random
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path

RATE = 22_050
SILENCE = 1.5
"""Seconds of silence at the head; half as much again at the tail."""

LEVEL = 0.05
"""The loudest syllable, of full scale: about 20 dB below what is aired."""

_FORMANTS = ((1, 0.9), (2, 0.6), (3, 0.5), (5, 0.35), (8, 0.2), (13, 0.1))
"""The harmonics of the voice and their strengths: enough of them to sound like vowels."""


def make_clip(path: Path, syllables: int = 48) -> None:
    """Write a mono WAV file of about a quarter of a second a syllable. The same file each time."""
    chance = random.Random(16)  # noqa: S311  (a voice, not a secret)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(_samples(_silence(SILENCE)))
        for _ in range(syllables):
            file.writeframes(_samples(_syllable(chance)))
        file.writeframes(_samples(_silence(SILENCE * 1.5)))


def _syllable(chance: random.Random) -> Iterator[float]:
    """Yield a vowel that swells and fades, then now and then a breath."""
    length = int(RATE * chance.uniform(0.12, 0.3))
    pitch = 2 * math.pi * chance.uniform(95, 165) / RATE
    loudness = LEVEL * chance.choice((0.25, 0.5, 0.7, 1.0)) / sum(strength for _, strength in _FORMANTS)
    for index in range(length):
        swell = math.sin(math.pi * index / length) ** 0.6
        voice = sum(strength * math.sin(pitch * harmonic * index) for harmonic, strength in _FORMANTS)
        yield loudness * swell * voice
    yield from _silence(chance.choice((0.02, 0.02, 0.05, 0.35)))


def _silence(seconds: float) -> Iterator[float]:
    return (0.0 for _ in range(int(RATE * seconds)))


def _samples(values: Iterator[float]) -> bytes:
    return array("h", (round(value * 32_767) for value in values)).tobytes()
