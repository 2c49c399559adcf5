import { expect, test } from "vitest"

import { size, speed } from "./sizes"

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1000, "1.0 kB"],
  [15_400, "15 kB"],
  [999_600, "1.0 MB"],
  [5_368_709_120, "5.4 GB"],
])("%d bytes are %s", (bytes, words) => {
  expect(size(bytes)).toBe(words)
})

test("a speed is a size a second", () => {
  expect(speed(2_500_000)).toBe("2.5 MB/s")
})
