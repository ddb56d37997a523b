// A server made of fixtures for working on the pages alone: vite --mode mock. Never in a build.
import type { Plugin } from 'vite'
import { answer } from './server.ts'

export function mockServer(): Plugin {
  return {
    name: 'mock-server',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        if (!request.url?.startsWith('/api/')) return next()
        void answer(request, response)
      })
    },
  }
}
