import { expect, test } from "vitest"

import { inOriginal, inPrepared, isTrimmed, placing, soundsAt, whole } from "./alignment"

const TRIMMED = { original: 10, prepared: 6, head: 3 }

test("the prepared audio begins where its head was taken off", () => {
  expect(inPrepared(3, TRIMMED)).toBe(0)
  expect(inOriginal(0, TRIMMED)).toBe(3)
})

test("there and back is the same moment", () => {
  for (const at of [0, 2.5, 9.9]) expect(inOriginal(inPrepared(at, TRIMMED), TRIMMED)).toBeCloseTo(at)
})

test.each([
  [0, false],
  [2.99, false],
  [3, true],
  [8.99, true],
  [9, false],
])("at %d s of the original the prepared audio sounds: %s", (at, sounds) => {
  expect(soundsAt(at, "prepared", TRIMMED)).toBe(sounds)
  expect(isTrimmed(at, TRIMMED)).toBe(!sounds)
})

test("at the very end nothing sounds, and nothing is said to be trimmed", () => {
  expect(soundsAt(10, "original", TRIMMED)).toBe(false)
  expect(isTrimmed(10, TRIMMED)).toBe(false)
})

test("audio whose length nobody knows sounds on", () => {
  expect(soundsAt(99, "original", { original: 0, prepared: 0, head: 0 })).toBe(true)
})

test("it has its own place and width on the common axis", () => {
  expect(placing(TRIMMED)).toEqual({ start: 0.3, width: 0.6 })
  expect(placing({ original: 4, prepared: 4, head: 0 })).toEqual({ start: 0, width: 1 })
})

test("nothing on the axis reaches beyond it, even where lengths are not known", () => {
  expect(placing({ original: 0, prepared: 0, head: 0 })).toEqual({ start: 0, width: 1 })
  expect(whole({ original: 0, prepared: 5, head: 0 })).toBe(5)
})
