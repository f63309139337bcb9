import { defineConfig } from 'vite';

// The service serves the bundle below /playground/ from its own binary.
export default defineConfig({
  base: '/playground/',
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 6000,
    sourcemap: false,
    rolldownOptions: {
      // The libraries mark what runs in browsers alone; this bundle runs nowhere else.
      onLog: (level, log, report) => log.code === 'MODULE_LEVEL_DIRECTIVE' || report(level, log),
    },
  },
  worker: { format: 'es' },
});
