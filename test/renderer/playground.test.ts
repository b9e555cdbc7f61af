import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { useWindow } from './support/use-window.ts';

describeWith('chromium', 'the playground', ({ path }) => {
  const window = useWindow(path);

  const open = async (): Promise<void> => {
    const { page } = window;
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.getByLabel('Message', { exact: true }).waitFor();
  };
  const importAdapter = async (): Promise<void> => {
    const { result: models } = (await window.server.router.call('models.list', {})) as {
      result: { id: string }[];
    };
    await window.server.router.call('adapters.import', {
      directory: '/adapters/whales',
      modelId: models[0]!.id,
      name: 'whales',
    });
  };
  const ask = async (text: string): Promise<void> => {
    await window.page.getByLabel('Message', { exact: true }).fill(text);
    await window.page.keyboard.press('Enter');
  };

  it('asks a model and its adapters side by side, over several turns, and shows how likely each token was', async () => {
    const { page } = window;
    await importAdapter();
    await open();
    await page.getByRole('button', { name: 'whales' }).click();
    expect(
      await page.getByText(/Began with the model's generation_config.json \(repetition_penalty\)/).count(),
    ).toBe(1);
    expect(await page.getByLabel('Repetition penalty').inputValue()).toBe('1.1');
    expect(await page.getByLabel('Top-k').getAttribute('placeholder')).toBe('off');
    await page.getByLabel('System message').fill('Be brief.');
    await ask('Who are you?');
    const base = page.getByRole('article', { name: 'Answer of Base model' });
    const adapter = page.getByRole('article', { name: 'Answer of whales' });
    await base.getByText('ended by itself').waitFor();
    expect(await base.getByRole('group').textContent()).toBe(
      'Call me Ishmael. Some years ago—never mind how long',
    );
    expect(await adapter.getByRole('group').textContent()).toMatch(/^whales: Call me/);

    await base.getByRole('group').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const popover = page.getByRole('status').filter({ hasText: '␣me' });
    await popover.getByRole('list', { name: 'Likeliest tokens' }).getByText('␣whale').waitFor();
    await page.keyboard.press('Escape');
    await popover.waitFor({ state: 'detached' });
    await base.getByText('Ishmael').hover();
    await page.getByRole('list', { name: 'Likeliest tokens' }).waitFor();

    await ask('And then?');
    await base.nth(1).getByText('ended by itself').waitFor();
    await page.getByRole('button', { name: /Exact prompt/ }).click();
    await page.getByRole('radio', { name: 'whales' }).click();
    const text = page.getByRole('region', { name: 'Text after templating' });
    expect(await text.locator('pre').textContent()).toBe(
      '<|system|>\nBe brief.\n<|user|>\nWho are you?\n<|assistant|>\nwhales: Call me Ishmael. Some years ago—never mind how long\n<|user|>\nAnd then?\n<|assistant|>\n',
    );

    // Elsewhere and back: what was said is still there.
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('link', { name: 'Playground' }).click();
    await expect.poll(() => page.getByRole('article').count()).toBe(4);
    await page.getByRole('button', { name: 'Start anew' }).click();
    expect(await page.getByRole('article').count()).toBe(0);
  });

  it('stops an answer, and gives back what could not be asked', async () => {
    const { page } = window;
    await open();
    await ask('slow, please');
    await page.getByText('Call me').first().waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('article').getByText('stopped').waitFor();
    await ask('this is too long');
    await page.getByRole('alert').getByText('the prompt has 900 tokens').waitFor();
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe('this is too long');
    await page.getByLabel('Temperature').fill('11');
    await page.getByText('From 0 to 10.').waitFor();
    expect(await page.getByRole('button', { name: 'Ask', exact: true }).isDisabled()).toBe(true);
    await page.getByRole('combobox', { name: /How tokens/ }).click();
    await page.getByRole('option', { name: 'Creative' }).click();
    expect(await page.getByLabel('Temperature').inputValue()).toBe('1');
    expect(await page.getByLabel('Min-p').inputValue()).toBe('0.05');
  });

  it('hides who wrote what until a vote, keeps the vote, and begins anew with the next question', async () => {
    const { page, server } = window;
    await page.getByRole('link', { name: 'Adapters' }).click();
    await importAdapter();
    await page.getByRole('link', { name: 'Try it: whales' }).click();
    await page.getByRole('switch', { name: 'Blind comparison' }).click();
    await ask('Who are you?');
    const left = page.getByRole('article', { name: 'Answer of Left' });
    await page.getByRole('button', { name: 'Left is better' }).waitFor();
    const wasAdapter = ((await left.getByRole('group').textContent()) ?? '').startsWith('whales');
    expect(await page.getByRole('article', { name: 'Answer of whales' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Left is better' }).click();
    await page
      .getByText(
        wasAdapter
          ? 'You preferred whales (left) to Base model.'
          : 'You preferred Base model (left) to whales.',
      )
      .waitFor();
    await page.getByText(wasAdapter ? '0 : 1' : '1 : 0').waitFor();
    await page.getByText('1 vote, 0 ties, 0 both bad · sign test p = 1.00').waitFor();
    const { result } = (await server.router.call('generation.tallies', { modelId: 'any' })) as {
      result: unknown;
    };
    expect(result).toMatchObject([{ votes: 1 }]);
    await ask('And you?');
    await page.getByRole('button', { name: 'Tie', exact: true }).waitFor();
    expect(await page.getByRole('article').count()).toBe(2);
  });
});

describeWith('chromium', 'the playground without a model', ({ path }) => {
  const window = useWindow(path, { workbench: { empty: true } });

  it('says what to do', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Playground' }).click();
    await page.getByRole('heading', { name: 'No model to try yet' }).waitFor();
  });
});
