/// The page is built into the package that serves it. Nothing is inlined: its policy lets it run files of its own origin alone.
import preact from "@preact/preset-vite"
import { defineConfig } from "vitest/config"

export default defineConfig({
  plugins: [preact()],
  base: "/static/",
  html: { cspNonce: "the-nonce-of-this-answer" },
  build: {
    outDir: "../entrypoints/web/static",
    emptyOutDir: true,
    assetsDir: "",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8000", changeOrigin: false } } },
})
