export default {
  name: 'production',
  postgres: { engine: 'local' },
  databases: { file: 'databases.yaml' },
  evidence: { directory: '/evidence/reports', frequency: '24h' },
};
