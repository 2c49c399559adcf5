import { expect, test } from "vitest"

import { drawn } from "./waveform"

test("pairs of lowest and highest become two lines from -1 to 1", () => {
  const [highest, lowest] = drawn({ bits: 16, data: [-32768, 16384, -8192, 0] })
  expect([...highest]).toEqual([0.5, 0])
  expect([...lowest]).toEqual([-1, -0.25])
})

test("half a pair at the end is left out", () => {
  expect(drawn({ bits: 8, data: [-128, 127, -5] })[0]).toHaveLength(1)
})
