import { expect, test } from "vitest"

import type { Asset } from "../api/types"
import { curlLine, fileName, quoted } from "./curl"

const ASSET = {
  name: "It's a talk.wav",
  renditions: { original: { contentType: "audio/wav" }, prepared: { contentType: "audio/mpeg" } },
} as Asset

test("a word is quoted as a shell takes it", () => {
  expect(quoted("it's")).toBe("'it'\\''s'")
})

test("what is prepared is saved with the ending of what it is", () => {
  expect(fileName(ASSET, "prepared")).toBe("It's a talk.mp3")
  expect(fileName(ASSET, "original")).toBe("It's a talk.wav")
})

test("the line follows the redirect and names the file", () => {
  expect(curlLine("http://host/stream?variant=prepared", "a talk.mp3")).toBe(
    "curl -L -o 'a talk.mp3' 'http://host/stream?variant=prepared'",
  )
})
