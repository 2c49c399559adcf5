import { expect, test } from "vitest"

import { dbtp, gain, lufs } from "./loudness"

test("levels have a real minus sign and their unit", () => {
  expect(lufs(-16)).toBe("\u221216.0 LUFS")
  expect(dbtp(-0.96)).toBe("\u22121.0 dBTP")
  expect(dbtp(-0.04)).toBe("0.0 dBTP")
})

test("what can't be measured is a dash", () => {
  expect([lufs(null), dbtp(null)]).toEqual(["–", "–"])
})

test("a gain has its sign", () => {
  expect([gain(6.24), gain(-3), gain(0)]).toEqual(["+6.2 dB", "\u22123.0 dB", "0.0 dB"])
})
