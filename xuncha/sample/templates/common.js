function createPageHTML(count, current, name, ext) {
  if (count < 2) { return; }
  var html = "";
  for (var i = 0; i < count; i++) {
    var file = i === 0 ? name + "." + ext : name + "_" + i + "." + ext;
    html += i === current ? "<b>" + (i + 1) + "</b> " : "<a href='" + file + "'>" + (i + 1) + "</a> ";
  }
  document.write(html);
}
function jpage(options) {
  var store = document.getElementById(options.unitid + "_data").textContent;
  var rows = store.split("<![CDATA[").slice(1);
  var html = "";
  for (var i = 0; i < rows.length; i++) { html += rows[i].split("]" + "]>")[0]; }
  document.getElementById(options.unitid).innerHTML = "<ul>" + html + "</ul>";
}
