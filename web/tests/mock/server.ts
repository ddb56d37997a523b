import type { IncomingMessage, ServerResponse } from 'node:http'

export async function answer(_request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.statusCode = 404
  response.setHeader('Content-Type', 'application/problem+json')
  response.end('{"title":"Not found","title_zh":"没有","status":404,"code":"not_found"}')
}
