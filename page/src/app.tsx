/// The page as a whole: what is in the library on one side, what is chosen of it on the other.

export function App() {
  return (
    <main>
      <h1>Greenroom</h1>
    </main>
  )
}
