// Adding a company: what is wrong is said where it is wrong, with all that is known of it.
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeDriver, fault } from '../host/fake';
import { DEMO } from '../host/fake/scenes';
import { App } from '../state/app.svelte';
import AddCompany from './AddCompany.svelte';

let driver: FakeDriver;
let app: App;

beforeEach(async () => {
  driver = new FakeDriver();
  driver.checkTakes = 0;
  app = new App(driver.host());
  await app.start();
});

async function fill(): Promise<void> {
  render(AddCompany, { app });
  const service = app.view!.services[0]!;
  for (const field of service.fields) {
    await fireEvent.input(document.querySelector(`[name="${field.name}"]`)!, { target: { value: field.kind === 'address' ? 'http://chat.example/x' : 'x' } });
  }
  await fireEvent.input(document.querySelector('[name="name"]')!, { target: { value: 'Tidewater' } });
}
afterEach(cleanup);

const check = () => fireEvent.click(screen.getByRole('button', { name: 'Check and add' }));

it('tells what exactly is wrong with a detail', async () => {
  await fill();
  const detail = 'must begin with https://; plain http is only for a service on this computer';
  driver.addFaults = [{ field: 'url', fault: { ...fault('bad_address'), detail } }];
  await check();
  const error = await screen.findByText('This doesn’t look like an address that can be asked.');
  expect(within(error.closest<HTMLElement>('.field')!).getByText(detail)).toBeTruthy();
});

it('names the file and line that is in the way of adding anything', async () => {
  await fill();
  const detail = '/home/ann/deployments.toml cannot be read at line 3; correct it first, nothing was changed';
  driver.addFaults = [{ field: null, fault: { ...fault('config_broken'), detail } }];
  await check();
  await vi.waitFor(() => expect(screen.getByRole('alert').textContent).toContain('The configuration file has a mistake'));
  expect(screen.getByText(detail)).toBeTruthy();
});

it('enters the details of a company once more under its own name and id', async () => {
  app.addAgain({ ...DEMO, id: 'tide', name: 'Tidewater Energy', demo: false, asynchronous: false });
  const added = vi.spyOn(app.host, 'addDeployment');
  await fillAgain();
  await check();
  await vi.waitFor(() => expect(added).toHaveBeenCalledOnce());
  expect(added.mock.calls[0]![0]).toMatchObject({ id: 'tide', name: 'Tidewater Energy', asynchronous: false });
  app.go('add');
  expect(app.again, 'another company is another company').toBeNull();
});

async function fillAgain(): Promise<void> {
  render(AddCompany, { app });
  for (const field of app.view!.services[0]!.fields) {
    await fireEvent.input(document.querySelector(`[name="${field.name}"]`)!, { target: { value: field.kind === 'address' ? 'https://chat.example/x' : 'x' } });
  }
}
