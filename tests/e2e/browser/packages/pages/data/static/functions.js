$(document).on("daPageLoad", function () {
  $(".groovy").html("purple");
  window.loads = (window.loads || 0) + 1;
});
