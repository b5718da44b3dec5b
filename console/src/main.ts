import { mount } from 'svelte'
import App from './App.svelte'
import './styles/tokens.css'
import './styles/console.css'
import './styles/more.css'
import './styles/exposure.css'

const target = document.getElementById('app')
if (target) mount(App, { target })
