import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { boundsOn, readWindowState } from '../../main/shell/window-state.ts';
import { openWindow } from '../../main/shell/window.ts';
import { electronDouble, WindowDouble } from './electron-double.ts';

const display = (x: number, y = 0, width = 1440, height = 860) => ({ workArea: { x, y, width, height } });
const bounds = { x: 100, y: 50, width: 1000, height: 700 };

describe('where a window was', () => {
  test('it is again, no larger than its display', () => {
    expect(boundsOn(bounds, [display(0)])).toEqual(bounds);
    expect(boundsOn({ ...bounds, x: 1600 }, [display(0), display(1440)])).toEqual({ ...bounds, x: 1600 });
    expect(boundsOn({ ...bounds, width: 3000 }, [display(0)])).toEqual({ ...bounds, width: 1440 });
  });

  test('it is not where the display is gone, or no hold of it would be left', () => {
    expect(boundsOn({ ...bounds, x: 1600 }, [display(0)])).toBeUndefined();
    expect(boundsOn({ ...bounds, x: 1400 }, [display(0)])).toBeUndefined();
    expect(boundsOn({ ...bounds, y: -300 }, [display(0)])).toBeUndefined();
    expect(boundsOn(bounds, [])).toBeUndefined();
  });

  test('is kept when it closes, with its zoom, and taken up by the next', () => {
    const double = electronDouble();
    const file = join(double.userData, 'window.json');
    openWindow(double.electron, '/preload.cjs', file);
    const [first] = WindowDouble.all;
    expect(first!.options).toMatchObject({ width: 1280, height: 820 });
    first!.maximize();
    first!.webContents.zoom = 1.5;
    first!.emit('close');
    openWindow(double.electron, '/preload.cjs', file);
    const second = WindowDouble.all.at(-1)!;
    expect(second.options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 });
    second.emit('ready-to-show');
    expect(second.calls).toEqual(['maximize', 'show']);
    second.webContents.emit('did-finish-load');
    expect(second.webContents.zoom).toBe(1.5);
  });

  test.each([
    '',
    '{"bounds":{"x":"0"}}',
    '{"bounds":{"x":0,"y":0,"width":-5,"height":1},"isMaximised":true,"zoomLevel":0}',
    '[]',
  ])('is nothing where the file says %j', (text) => {
    const file = join(electronDouble().userData, 'window.json');
    writeFileSync(file, text);
    expect(readWindowState(file)).toBeUndefined();
  });
});
