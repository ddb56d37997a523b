import './styles/frame.css'
import './styles/pieces.css'
import './styles/pages.css'
import './styles/sign.css'
import './styles/gate.css'
import './styles/screens.css'
import '@shared/elder.ts'
import './theme.ts'
import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router.ts'

createApp(App).use(router).mount('#app')
