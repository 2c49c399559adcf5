import { expect, test } from "vitest"

import type { Asset } from "../api/types"
import { changed, merged } from "./listing"

function asset(id: string, createdAt: string, name = id): Asset {
  return { id, name, createdAt, ref: null, renditions: {} }
}

const OLD = asset("old", "2026-11-01T00:00:00Z")
const NEW = asset("new", "2026-11-02T00:00:00Z")

test("pages are joined newest first, and each asset stands once", () => {
  expect(merged([OLD], [NEW, OLD])).toEqual([NEW, OLD])
})

test("what was read last counts", () => {
  const renamed = { ...OLD, name: "renamed" }
  expect(merged([OLD], [renamed])).toEqual([renamed])
})

test("an asset that is not in the list does not come into it by a change", () => {
  expect(changed([OLD], NEW)).toEqual([OLD])
})
