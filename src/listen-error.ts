export { ListenError } from './host/listen-error.js';
