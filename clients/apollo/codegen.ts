// Types for the documents in src/documents.ts, from the schema that the service promises.
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: 'src/documents.ts',
  generates: {
    'src/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        // How our scalars look in JSON. One that is missing here is `unknown`, so that nobody uses it unseen.
        scalars: {
          Date: 'string',
          DateTime: 'string',
          HTML: 'string',
          ID: 'string',
          Markdown: 'string',
          URL: 'string',
        },
        defaultScalarType: 'unknown',
        enumsAsTypes: true,
        useTypeImports: true,
      },
    },
    // Which types implement `Node`: the cache needs it for fragments on the interface.
    'src/generated/possible-types.ts': { plugins: ['fragment-matcher'], config: { useExplicitTyping: true } },
  },
};

export default config;
