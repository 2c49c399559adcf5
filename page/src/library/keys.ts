/// The list by keys: up and down, or k and j, move from row to row; `/` goes to the search.
import type { RefObject } from "preact"
import { useEffect } from "preact/hooks"

import { singleKeys } from "../words/shortcuts"
import { SEARCH } from "./search"

const STEPS: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }

/** Let rows of a list be gone through by keys. */
export function useRowKeys(list: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    function pressed(event: KeyboardEvent): void {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return
      if (list.current && act(event, list.current)) event.preventDefault()
    }
    document.addEventListener("keydown", pressed)
    return () => document.removeEventListener("keydown", pressed)
  }, [list])
}

/** Do what a key says, and return whether it says anything. */
function act({ key, target }: KeyboardEvent, list: HTMLElement): boolean {
  const from = target instanceof HTMLElement ? target : document.body
  if (key.length === 1 && !singleKeys.value) return false
  if (key === "/" && !isTyped(from)) {
    document.getElementById(SEARCH)?.focus()
    return true
  }
  const step = STEPS[key]
  if (step === undefined || !mayMove(from, key, list)) return false
  return move(step, from, list)
}

/** Rows are gone through from among them, from nowhere in particular, and by the arrow down from the search. */
function mayMove(from: HTMLElement, key: string, list: HTMLElement): boolean {
  if (from.id === SEARCH) return key === "ArrowDown"
  return list.contains(from) || (from === document.body && !key.startsWith("Arrow"))
}

function move(step: number, from: HTMLElement, list: HTMLElement): boolean {
  const rows = [...list.querySelectorAll<HTMLElement>("a")]
  const current = rows.findIndex((row) => row === from)
  const next = rows[current < 0 ? 0 : current + step]
  next?.focus()
  return next !== undefined
}

function isTyped(element: HTMLElement): boolean {
  return element.matches("input, textarea, select") || element.isContentEditable
}
