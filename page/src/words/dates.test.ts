import { expect, test } from "vitest"

import { when } from "./dates"

const NOW = Date.parse("2026-11-23T12:00:00Z")

test.each([
  ["2026-11-23T12:00:30Z", "just now"],
  ["2026-11-23T11:59:30Z", "just now"],
  ["2026-11-23T11:55:00Z", "5 minutes ago"],
  ["2026-11-23T09:00:00Z", "3 hours ago"],
  ["2026-11-22T11:00:00Z", "yesterday"],
  ["2026-11-03T12:00:00Z", "3 Nov 2026"],
])("%s was %s", (iso, words) => {
  expect(when(iso, NOW)).toBe(words)
})
