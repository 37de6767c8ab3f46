// What Vite adds to the language: `?raw` imports and `import.meta.env`.
/// <reference types="vite/client" />
/// <reference types="svelte" />
