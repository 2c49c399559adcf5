/// Why something could not be done, as a sentence.
import { CallFailed } from "../api/client"

/** The server's sentence, or one of our own. */
export function why(error: unknown): string {
  return error instanceof CallFailed ? error.message : "Something went wrong in this page. Try again."
}
