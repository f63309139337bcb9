// The browser of this machine, as Playwright drives it.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);

export const launch = () => chromium.launch({ executablePath, args: ['--no-sandbox'] });
