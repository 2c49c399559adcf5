import { expect, test } from "vitest"

import { inWords, presetOf, USUAL } from "./recipe"

test("targets that many ask for are known by name", () => {
  expect(presetOf(USUAL)).toBe("Podcast")
  expect(presetOf({ ...USUAL, targetLufs: -23 })).toBe("Broadcast (EBU R128)")
  expect(presetOf({ ...USUAL, targetLufs: -19.5 })).toBeNull()
})

test("a recipe is told in a line, with a bit rate only where there is one", () => {
  expect(inWords(USUAL)).toBe("\u221216.0 LUFS, at most \u22121.0 dBTP, silence trimmed, MP3 192 kbit/s")
  expect(inWords({ ...USUAL, trim: false, format: "flac" })).toMatch(/silence kept, FLAC$/)
})
