import { beforeEach, expect, test } from "vitest"

import { forgetUpload, keepUpload, keptUpload, keptUploads } from "./memory"

const FILE = { name: "talk.wav", size: 10, lastModified: 1 }

let kept: Map<string, string>
let place: Storage

beforeEach(() => {
  kept = new Map()
  place = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) } as Storage
})

test("the same file finds its upload again", () => {
  keepUpload("u", FILE, place)
  expect(keptUpload({ ...FILE }, place)?.id).toBe("u")
})

test.each([{ name: "other.wav" }, { size: 11 }, { lastModified: 2 }])("another file does not: %o", (mark) => {
  keepUpload("u", FILE, place)
  expect(keptUpload({ ...FILE, ...mark }, place)).toBeUndefined()
})

test("a file has one upload, the last", () => {
  keepUpload("u", FILE, place)
  keepUpload("v", FILE, place)
  expect(keptUploads(place).map(({ id }) => id)).toEqual(["v"])
})

test("what is forgotten is not found", () => {
  keepUpload("u", FILE, place)
  forgetUpload("u", place)
  expect(keptUploads(place)).toEqual([])
})

test("what can't be read counts as nothing", () => {
  kept.set("greenroom uploads", "{")
  expect(keptUploads(place)).toEqual([])
})
