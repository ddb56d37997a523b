import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'
import { mockServer } from './tests/mock/plugin.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// Where each page lies in the source, and where in web/dist. The server answers an address that is
// not a file with the index.html of the nearest folder above it: /desk/people with
// desk/index.html, /i/ABC with i/index.html, /g/ABC with g/index.html, /e/ABC with e/index.html,
// anything else with the phone's.
const pages = {
  phone: 'index.html',
  desk: 'desk/index.html',
  invite: 'i/index.html',
  resident: 'g/index.html',
  clerk: 'e/index.html',
}

// What the phone may need when offline: its entry and all that this can reach, found out from the
// bundle itself, so that no pattern can miss a shared piece or drag in the desk's.
const phoneFiles = new Set<string>()
function listPhoneFiles(): Plugin {
  return {
    name: 'list-phone-files',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const visit = (file: string) => {
        const chunk = bundle[file]
        if (phoneFiles.has(file) || chunk?.type !== 'chunk') return
        phoneFiles.add(file)
        for (const css of chunk.viteMetadata?.importedCss ?? []) phoneFiles.add(css)
        for (const asset of chunk.viteMetadata?.importedAssets ?? []) phoneFiles.add(asset)
        for (const next of [...chunk.imports, ...chunk.dynamicImports]) visit(next)
      }
      phoneFiles.clear()
      for (const [file, chunk] of Object.entries(bundle)) {
        if (chunk.type === 'chunk' && chunk.isEntry && chunk.name === 'phone') visit(file)
      }
    },
  }
}

function placePages(): Plugin {
  return {
    name: 'place-pages',
    enforce: 'post',
    generateBundle(_options, bundle) {
      for (const [page, to] of Object.entries(pages)) {
        const asset = bundle[`${page}/index.html`]
        if (asset) asset.fileName = to
      }
    },
  }
}

// Only the phone is kept for offline use, so what belongs to one face lies in that face's folder.
function folderOf(ids: readonly string[]): string {
  const faces = new Set<string>()
  for (const id of ids) {
    const face = id.match(/\/web\/(phone|desk|invite|resident|clerk)\//)?.[1]
    if (face) faces.add(face)
    else if (/node_modules\/idb\//.test(id)) faces.add('phone')
  }
  const [only] = faces
  return faces.size === 1 && only ? only : 'shared'
}

// The kit's icon style names a font on a foreign host; the icons are drawn here instead.
function stripForeignFonts(): Plugin {
  return {
    name: 'strip-foreign-fonts',
    enforce: 'pre',
    transform(code, id) {
      if (!/\.css(\?|$)/.test(id) || !code.includes('@font-face')) return null
      return { code: code.replace(/@font-face\s*\{[^}]*\}/g, ''), map: null }
    },
  }
}

// While developing, the same addresses as in production answer with the same pages.
function devPages(): Plugin {
  return {
    name: 'dev-pages',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = (request.url ?? '/').split('?')[0] ?? '/'
        const isPage = (request.headers.accept ?? '').includes('text/html')
        if (isPage && !path.startsWith('/api/')) {
          if (/^\/desk(\/|$)/.test(path)) request.url = '/desk/index.html'
          else if (/^\/i\//.test(path)) request.url = '/invite/index.html'
          else if (/^\/g\//.test(path)) request.url = '/resident/index.html'
          else if (/^\/e\//.test(path)) request.url = '/clerk/index.html'
          else request.url = '/phone/index.html'
        }
        next()
      })
    },
  }
}

export default defineConfig(({ mode }) => ({
  root: here('.'),
  base: '/',
  appType: 'mpa',
  resolve: { alias: { '@shared': here('./shared') } },
  plugins: [
    stripForeignFonts(),
    vue(),
    listPhoneFiles(),
    placePages(),
    devPages(),
    ...(mode === 'mock' ? [mockServer()] : []),
    VitePWA({
      strategies: 'generateSW',
      injectRegister: null,
      registerType: 'prompt',
      filename: 'sw.js',
      manifest: {
        id: '/',
        name: '守望',
        short_name: '守望',
        description: '社区值守：签到、门岗',
        lang: 'zh-CN',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        background_color: '#f6f4f2',
        theme_color: '#b3261e',
        icons: [
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
          { src: '/icon-maskable.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'maskable' },
        ],
      },
      workbox: {
        globPatterns: ['index.html', 'icon*.svg', 'assets/**'],
        manifestTransforms: [
          (entries) => ({
            manifest: entries.filter(
              ({ url }) => !url.startsWith('assets/') || phoneFiles.has(url),
            ),
          }),
        ],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [/^\/(api|desk|i|g|e)(\/|$)/, /^\/(healthz|readyz|metrics)$/],
        inlineWorkboxRuntime: true,
        sourcemap: false,
      },
    }),
  ],
  worker: {
    format: 'es',
    // The decoder of the camera is WebAssembly: the server lets scripts of this folder compile it.
    rolldownOptions: { output: { entryFileNames: 'assets/scan/[name]-[hash].js' } },
  },
  server: {
    // Without fixtures the pages speak to a running server.
    proxy: mode === 'mock' ? {} : { '/api': process.env.SHOUWANG ?? 'http://127.0.0.1:8420' },
  },
  build: {
    outDir: here('./dist'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        phone: here('./phone/index.html'),
        desk: here('./desk/index.html'),
        invite: here('./invite/index.html'),
        resident: here('./resident/index.html'),
        clerk: here('./clerk/index.html'),
      },
      output: {
        entryFileNames: (chunk) => `assets/${folderOf(chunk.moduleIds)}/[name]-[hash].js`,
        chunkFileNames: (chunk) => `assets/${folderOf(chunk.moduleIds)}/[name]-[hash].js`,
        assetFileNames: (asset) => {
          const name = asset.names[0] ?? ''
          const face = asset.originalFileNames
            .map((file) => file.match(/^(phone|desk|invite|resident|clerk)\//)?.[1])
            .find(Boolean)
          const entry = name.match(/^(phone|desk|invite|resident|clerk)\./)?.[1]
          return `assets/${face ?? entry ?? 'shared'}/[name]-[hash][extname]`
        },
        advancedChunks: {
          groups: [
            { name: 'vue', test: /node_modules[\\/](vue|@vue|vue-router)[\\/]/ },
            // what the resident's and the clerk's pages take must not bring the framework along
            {
              name: 'light',
              test: /[\\/]web[\\/]shared[\\/](equation|returns|uuid)\./,
              priority: 9,
            },
            { name: 'base', test: /[\\/]web[\\/]shared[\\/](?!sign|tokens)/ },
          ],
        },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: [
      'shared/**/*.test.ts',
      'desk/**/*.test.ts',
      'phone/**/*.test.ts',
      'clerk/**/*.test.ts',
    ],
  },
}))
