import { expect, test } from "vitest"

import { reader, type Told } from "./told"

const TEXT = [
  "retry: 2000",
  "event: snapshot\ndata: {}",
  'event: job\ndata: {"id":"a"}',
  "event: live\nid: 12\ndata: {}",
  ":",
  'event: removed\nid: 13\ndata: {"id":"a"}\n\n',
].join("\n\n")

function heard(pieces: string[]): [Told, string | undefined][] {
  const all: [Told, string | undefined][] = []
  const read = reader((told, number) => all.push([told, number]))
  pieces.forEach(read)
  return all
}

test("a snapshot, its jobs, and what changes are told in order, with their numbers", () => {
  expect(heard([TEXT])).toEqual([
    [{ event: "snapshot" }, undefined],
    [{ event: "job", job: { id: "a" } }, undefined],
    [{ event: "live" }, "12"],
    [{ event: "removed", id: "a" }, "13"],
  ])
})

test("pieces may be cut anywhere", () => {
  expect(heard([...TEXT])).toEqual(heard([TEXT]))
})

test("an event that is not known is passed over", () => {
  expect(heard(["event: news\ndata: {}\n\n"])).toEqual([])
})
