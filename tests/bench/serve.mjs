// Servers that are measured.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A server of the folder, and its address once it is open. */
export const serve = async (vitrine, dataDir) => {
  const server = spawn(vitrine, ['serve', '--listen', '127.0.0.1:0', '--data-dir', dataDir], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const base = await new Promise((resolve, reject) => {
    const log = createInterface({ input: server.stderr });
    // Reads on afterwards, so that the server never blocks on its log.
    log.on('line', (line) => {
      const address = /http:\/\/[\d.]+:\d+/.exec(line)?.[0];
      if (address) resolve(address);
    });
    log.on('close', () => reject(new Error(`${vitrine} serve ended`)));
  });
  return { base, close: () => server.kill() };
};
