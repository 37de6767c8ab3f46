// The first view: whoever wrote a configuration by hand and made a mistake in it is not met as if they had written none.
import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';
import { FakeDriver } from '../host/fake';
import { App } from '../state/app.svelte';
import Window from './Window.svelte';

afterEach(cleanup);

it('names what of the configuration can’t be used, though there is no company and no chat', async () => {
  const driver = new FakeDriver();
  driver.configFaults([{ file: '/home/ann/deployments.toml', line: 5, field: 'deployment[1].service', message: '"digital" is not a service that Envoi speaks' }]);
  const app = new App(driver.host());
  await app.start();
  expect(app.first).toBe(true);
  window.matchMedia = () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }) as unknown as MediaQueryList;
  render(Window, { app });
  expect(screen.getByText('Try the demo')).toBeTruthy();
  expect(screen.getByText('deployment[1].service')).toBeTruthy();
  expect(screen.getByText(/line 5/)).toBeTruthy();
});
